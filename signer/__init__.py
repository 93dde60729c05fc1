"""Placeholder front door; see docs/architecture.md."""
