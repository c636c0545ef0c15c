"""What a user writes: params files and the settings in them, checked before anything runs."""
