"""What may be missing elsewhere, and in this test is not."""

from typing import TypeVar

T = TypeVar("T")


def there(found: T | None) -> T:
    assert found is not None
    return found
