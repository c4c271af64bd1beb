"""The founding case, played through the door by those who may take each step."""
