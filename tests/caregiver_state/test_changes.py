"""What waits for the window, taken over in slices."""

from caregiver.memory.changes import Noted


def test_of_thousands_whose_names_are_new_no_more_are_read_at_once_than_was_asked() -> None:
    noted, everybody = Noted(), {f"p{n}" for n in range(250)}
    noted.names(everybody)
    slices = []
    while noted.any:
        slices.append(noted.take(100))
    assert [len(changes.people) for changes in slices] == [100, 100, 50]
    assert all(changes.roster == changes.people for changes in slices), "one is read again with what is shown of them"
    assert set().union(*(changes.roster for changes in slices)) == everybody
