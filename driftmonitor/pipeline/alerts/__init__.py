"""From runs to messages: a monitor's state and incidents, what is new about them, and its delivery."""
