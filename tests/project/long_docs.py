"""What docs/gallery.md tells to type works as it stands there, but for a million and a billion."""
from test_docs import DOCS, play_page


def test_what_the_gallery_tells_to_type_works(tmp_path):
    play_page("gallery.md", tmp_path, leave_out="billion.ini|million")
    made = {path.name for path in (tmp_path / "out").iterdir()}
    for picture in (DOCS / "pictures").iterdir():
        others = picture.name.startswith(("first", "million", "transfer"))
        assert picture.name in made or others, picture.name
