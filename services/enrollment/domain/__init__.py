"""The rules of enrollment: pure, without database and wire."""
