"""The engines: everything that finds entities in a text. No HTTP here."""
