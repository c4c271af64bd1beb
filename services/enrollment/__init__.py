"""Enrollment: organisations, pathway projects, cohorts, persons and their status records."""
