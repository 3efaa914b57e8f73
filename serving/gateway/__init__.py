"""The privacy gateway: a cloud model answers, and never sees a person."""
