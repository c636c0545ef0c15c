"""From runs to messages: the state and incidents of a monitor, the messages that they cause, and their delivery."""
