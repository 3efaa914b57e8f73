"""Responses about the service itself."""

from pydantic import BaseModel, Field

from schemas.taxonomy import EntityType, Sensitivity


class TypeRow(BaseModel):
    """One entity type; `default` says whether it is looked for when a request names no types."""

    name: EntityType
    zh: str
    description: str
    example: str
    sensitivity: Sensitivity
    default: bool


class TypesResponse(BaseModel):
    """The taxonomy."""

    types: list[TypeRow]


class Health(BaseModel):
    """That the service is up, and the version of the package."""

    status: str = Field(examples=["ok"])
    version: str
