"""What a process needs to be a service: settings to serving, and no word of any domain."""
