"""The district that really serves, for faults on the way to it."""

from district_api.conftest import district, settings  # noqa: F401
