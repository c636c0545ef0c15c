"""How often the story of an incident says what is not so."""
