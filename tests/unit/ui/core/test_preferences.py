from pathlib import Path

from billdesk.ui.core.preferences import Preferences, PreferenceStore, RecentBook, config_folder


def test_preferences_are_the_same_after_a_restart(tmp_path: Path) -> None:
    store = PreferenceStore(tmp_path)
    store.change(language="nl", theme="dark")
    store.remember_book(Path('/books/a "b".billdesk'), "Zoë & Co")
    store.pick_columns("invoices", ("number", "total"))
    assert PreferenceStore(tmp_path).now == store.now


def test_the_last_opened_book_stands_first_and_only_once(tmp_path: Path) -> None:
    store = PreferenceStore(tmp_path)
    for name in ("a", "b", "a"):
        store.remember_book(Path(f"/{name}"), name)
    assert store.now.recent == (RecentBook("/a", "a"), RecentBook("/b", "b"))


def test_a_known_company_is_kept_when_a_book_is_opened_again(tmp_path: Path) -> None:
    store = PreferenceStore(tmp_path)
    store.remember_book(Path("/a"), "Noordbrug")
    store.remember_book(Path("/a"))
    assert store.now.recent == (RecentBook("/a", "Noordbrug"),)


def test_a_forgotten_book_is_off_the_list(tmp_path: Path) -> None:
    store = PreferenceStore(tmp_path)
    store.remember_book(Path("/a"))
    store.forget_book("/a")
    assert store.now.recent == ()


def test_a_damaged_file_gives_the_defaults(tmp_path: Path) -> None:
    (tmp_path / "preferences.toml").write_text("language = [", encoding="utf-8")
    assert PreferenceStore(tmp_path).now == Preferences()


def test_wrong_types_in_the_file_are_left_out(tmp_path: Path) -> None:
    text = 'recent = ["x"]\ncolumns = 3\nlanguage = "fr"\n'
    (tmp_path / "preferences.toml").write_text(text, encoding="utf-8")
    assert PreferenceStore(tmp_path).now == Preferences(language="fr")


def test_the_settings_folder_can_be_moved(tmp_path: Path) -> None:
    assert config_folder() == tmp_path / "config"
