"""The source own: texts that users annotated themselves, as annotation tools export them."""
