"""The key store's own small database: its tables, statements, migrations and operations."""
