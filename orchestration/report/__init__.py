"""The draft report of a wave: its release as chapters of a document that people edit."""
