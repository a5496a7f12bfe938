"""What a file looks like stays; what it could do is gone."""

import io
import zlib

import numpy as np
import pikepdf
import pypdfium2
import pytest
from pikepdf import Array, Dictionary, Name, Pdf
from PIL import Image

from binder.fragment import Fragment
from binder.intake import make_fragment
from binder.make_fragment import make
from binder.source import Refused
from tests.pdfs import write_encrypted, write_form, write_pdf, write_picture


def fragment(path):
    made = path.with_suffix(".fragment.pdf")
    return make(path, "application/pdf", made), made


def pictures(path, scale=1.0):
    document = pypdfium2.PdfDocument(path)
    document.init_forms()
    return [page.render(scale=scale).to_numpy().astype(int) for page in document]


def differences(one, two):
    """The share of differing pixels, page by page; sizes must agree."""
    pairs = zip(pictures(one), pictures(two), strict=True)
    return [float((abs(a - b).max(axis=2) > 48).mean()) for a, b in pairs]


def catalogue_keys(path):
    with Pdf.open(path) as pdf:
        return set(pdf.Root.keys())


def with_page(path, change, **options):
    with pikepdf.open(write_pdf(path), allow_overwriting_input=True) as pdf:
        change(pdf, pdf.pages[0].obj)
        pdf.save(path, **options)
    return path


def unchanged(pdf, page):
    """Only saved anew."""


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
def test_a_page_looks_as_before_however_it_is_turned(tmp_path, rotate):
    path = write_pdf(tmp_path / "a.pdf", ["Turned"], rotate=rotate)
    _, made = fragment(path)
    assert differences(path, made) == [0.0]


def test_inherited_attributes_are_pushed_down(tmp_path):
    def inherit(pdf, page):
        for key in ("/MediaBox", "/Resources"):
            pdf.Root.Pages[key] = page[key]
            del page[key]
        del page.Rotate
        pdf.Root.Pages.CropBox = Array([100, 600, 500, 780])
        pdf.Root.Pages.Rotate = 90

    path = with_page(tmp_path / "a.pdf", inherit)
    facts, made = fragment(path)
    assert differences(path, made) == [0.0]
    assert facts.page_sizes == ((180, 400),)


def test_a_page_larger_than_its_numbers_is_understood(tmp_path):
    def enlarge(pdf, page):
        page.UserUnit = 2

    facts, _ = fragment(with_page(tmp_path / "a.pdf", enlarge, min_version="1.6"))
    assert facts.page_sizes == ((1224, 1584),)


@pytest.mark.parametrize(
    "content",
    [
        b"q 2 0 0 2 9 9 cm",
        b"Q Q q 1 0 0 rg",
        b"(q q q) Tj Q",
        b"% q q\nq Q Q",
        b"BI /W 2 /H 1 /BPC 8 /CS /G ID q  EI Q",
    ],
)
def test_unbalanced_graphics_states_are_balanced(tmp_path, content):
    def unbalance(pdf, page):
        text = b"\n0 0 1 rg 100 100 200 200 re f"
        page.Contents = pdf.make_stream(b"0.5 0 0 0.5 50 50 cm " + content + text)

    path = with_page(tmp_path / "a.pdf", unbalance)
    _, made = fragment(path)
    assert differences(path, made) == [0.0]
    with Pdf.open(made) as pdf:
        operators = [str(i.operator) for i in pikepdf.parse_content_stream(pdf.pages[0], "q Q")]
        with Fragment.open(made).opened() as opened:
            states = opened.table.geometry[0][6]
    # The slot of a fragment closes one state; what the page left open is noted for the stamp.
    depth = 0
    for operator in operators:
        depth += 1 if operator == "q" else -1
        assert depth >= 0
    assert depth == states


def test_filled_fields_become_part_of_the_page(tmp_path):
    path = write_form(tmp_path / "form.pdf", "1,234.56")
    _, made = fragment(path)
    assert catalogue_keys(made) == {"/Type", "/Pages"}
    with Pdf.open(made) as pdf:
        assert list(pdf.pages[0].Annots) == []
    text = pypdfium2.PdfDocument(made)[0].get_textpage().get_text_range()
    assert "1,234.56" in text


def test_a_field_that_nobody_drew_is_drawn(tmp_path):
    path = write_form(tmp_path / "form.pdf", "9,876.54")
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        del pdf.pages[0].Annots[0].AP
        pdf.save(path)
    _, made = fragment(path)
    assert "9,876.54" in pypdfium2.PdfDocument(made)[0].get_textpage().get_text_range()


def square(pdf, **entries):
    """An annotation that draws a black square at 100…200."""
    drawing = pdf.make_stream(b"0 0 100 100 re f", BBox=[0, 0, 100, 100], Subtype=Name.Form)
    return pdf.make_indirect(
        Dictionary(
            Type=Name.Annot, Rect=[100, 100, 200, 200], AP=Dictionary(N=drawing), F=4, **entries
        )
    )  # fmt: skip


def darkness(path):
    """The grey value in the middle of the square."""
    return int(pictures(path)[0][792 - 150, 150].min())


def test_a_signature_keeps_its_look_and_loses_its_claim(tmp_path):
    def sign(pdf, page):
        field = square(
            pdf, Subtype=Name.Widget, FT=Name.Sig, T="Signature", V=Dictionary(Type=Name.Sig)
        )
        page.Annots = Array([field])
        pdf.Root.AcroForm = Dictionary(Fields=Array([field]), SigFlags=3)

    facts, made = fragment(with_page(tmp_path / "signed.pdf", sign))
    assert facts.was_signed
    assert darkness(made) == 0
    assert "/AcroForm" not in catalogue_keys(made)


@pytest.mark.parametrize(("flags", "shown"), [(4, True), (2, False), (32, False)])
def test_annotations_are_drawn_as_a_screen_shows_them(tmp_path, flags, shown):
    def annotate(pdf, page):
        page.Annots = Array([square(pdf, Subtype=Name.Stamp)])
        page.Annots[0].F = flags

    path = with_page(tmp_path / "a.pdf", annotate)
    _, made = fragment(path)
    assert (darkness(made) == 0) == shown
    with Pdf.open(made) as pdf:
        assert list(pdf.pages[0].Annots) == []


def layered(pdf, page, *, hidden):
    layer = pdf.make_indirect(Dictionary(Type=Name.OCG, Name="Draft"))
    configuration = Dictionary(OFF=Array([layer])) if hidden else Dictionary()
    pdf.Root.OCProperties = Dictionary(OCGs=Array([layer]), D=configuration)
    page.Resources.Properties = Dictionary(L=layer)
    page.Contents = pdf.make_stream(b"/OC /L BDC 100 100 100 100 re f EMC")
    return layer


@pytest.mark.parametrize("hidden", [True, False])
def test_hidden_layers_stay_hidden(tmp_path, hidden):
    def change(pdf, page):
        layered(pdf, page, hidden=hidden)

    path = with_page(tmp_path / "a.pdf", change)
    _, made = fragment(path)
    assert (darkness(made) == 255) == hidden


def test_an_annotation_on_a_hidden_layer_stays_hidden(tmp_path):
    def annotate(pdf, page):
        layer = layered(pdf, page, hidden=True)
        page.Contents = pdf.make_stream(b"")
        page.Annots = Array([square(pdf, Subtype=Name.Stamp, OC=layer)])

    _, made = fragment(with_page(tmp_path / "a.pdf", annotate))
    assert darkness(made) == 255


def test_nothing_that_acts_survives(tmp_path):
    def arm(pdf, page):
        script = Dictionary(S=Name.JavaScript, JS="app.alert(1)")
        launch = Dictionary(S=Name.Launch, F="cmd.exe")
        pdf.Root.OpenAction = script
        pdf.Root.AA = Dictionary(WC=script)
        pdf.Root.Names = Dictionary(JavaScript=Dictionary(Names=Array(["a", script])))
        page.AA = Dictionary(O=script)
        links = [
            Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=[0, 0, 9, 9], A=action)
            for action in (
                script,
                launch,
                Dictionary(S=Name.URI, URI="javascript:alert(1)"),
                Dictionary(S=Name.URI, URI="https://example.com/", Next=script),
            )
        ]
        page.Annots = Array(links)
        pdf.attachments["virus.exe"] = b"MZ"

    facts, made = fragment(with_page(tmp_path / "armed.pdf", arm))
    data = made.read_bytes()
    for word in (b"JavaScript", b"app.alert", b"cmd.exe", b"virus", b"javascript:"):
        assert word not in data
    assert b"https://example.com/" in data
    assert set(facts.removed) >= {"JavaScript", "embedded files", "an action on opening"}


def test_names_of_places_become_places(tmp_path):
    def name(pdf, page):
        pdf.add_blank_page()
        target = pdf.pages[1].obj
        pdf.Root.Dests = Dictionary(Old=Array([target, Name.Fit]))
        links = (
            Dictionary(Dest=Name.Old),
            Dictionary(A=Dictionary(S=Name.GoTo, D=Array([1, Name.Fit]))),
            Dictionary(Dest=pikepdf.String("nowhere")),
        )
        for link in links:
            link.Type, link.Subtype, link.Rect = Name.Annot, Name.Link, Array([0, 0, 9, 9])
        page.Annots = Array(links)

    _, made = fragment(with_page(tmp_path / "a.pdf", name))
    with Pdf.open(made) as pdf:
        second = pdf.pages[1].obj.objgen
        by_name, by_number, dead = pdf.pages[0].obj.Annots
        assert by_name.Dest[0].objgen == by_number.Dest[0].objgen == second
        assert "/Dest" not in dead


def test_source_bookmarks_are_read_with_limits(tmp_path):
    def bookmark(pdf, page):
        with pdf.open_outline() as outline:
            parent = pikepdf.OutlineItem("Chapter", 0, "XYZ", left=0, top=500)
            parent.children.append(pikepdf.OutlineItem("Section", 0))
            outline.root.append(parent)
        first = pdf.Root.Outlines.First
        first.First.Next = first  # a loop

    _, made = fragment(with_page(tmp_path / "a.pdf", bookmark))
    with Fragment.open(made).opened() as opened:
        bookmarks = opened.table.bookmarks
    assert [(b.level, b.title, b.page, b.top) for b in bookmarks] == [
        (0, "Chapter", 0, 500.0),
        (1, "Section", 0, None),
    ]


def test_what_was_drawn_before_the_damage_is_kept(tmp_path):
    def damage(pdf, page):
        noise = np.random.default_rng(1).integers(32, 60, 9000).astype(np.uint8)
        compressed = bytearray(zlib.compress(b"100 100 100 100 re f\n%" + noise.tobytes()))
        compressed[3000:] = b"\xff" * 3000
        page.Contents = pdf.make_stream(bytes(compressed), Filter=Name.FlateDecode)

    path = with_page(tmp_path / "a.pdf", damage, stream_decode_level=None, compress_streams=False)
    facts, made = fragment(path)
    assert facts.warnings == ("1 page is damaged and may lack parts.",)
    with Pdf.open(made) as pdf:
        assert pdf.check_pdf_syntax() == []


@pytest.mark.parametrize("mode", list(pikepdf.ObjectStreamMode))
def test_every_way_of_writing_is_read(tmp_path, mode):
    path = with_page(tmp_path / "a.pdf", unchanged, object_stream_mode=mode)
    linear = with_page(tmp_path / "b.pdf", unchanged, linearize=True)
    for each in (path, linear, write_encrypted(tmp_path / "c.pdf", user="")):
        _, made = fragment(each)
        assert differences(each, made) == [0.0]


def test_a_picture_fills_its_page_and_stands_upright(tmp_path):
    image = Image.new("RGB", (300, 200), "white")
    image.paste("black", (0, 0, 150, 200))
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by the camera: to be shown a quarter clockwise
    image.save(tmp_path / "photo.jpg", "JPEG", exif=exif, dpi=(150, 150))
    facts = make_fragment(tmp_path / "photo.jpg", "photo.jpg", tmp_path / "f.pdf")
    assert facts.page_sizes == ((96, 144),)
    shown = pictures(tmp_path / "f.pdf")[0]
    assert (int(shown[10, 48].min()) < 40, int(shown[130, 48].min()) > 220) == (True, True)


def test_a_photograph_without_resolution_is_fitted_into_letter(tmp_path):
    path = write_picture(tmp_path / "photo.jpg", "JPEG", size=(4000, 3000), dpi=(72, 72))
    facts = make_fragment(path, "photo.jpg", tmp_path / "f.pdf")
    assert facts.page_sizes == ((792, 594),)


def test_a_transparent_picture_stands_on_white(tmp_path):
    Image.new("RGBA", (100, 100), (0, 0, 0, 0)).save(tmp_path / "logo.png")
    make_fragment(tmp_path / "logo.png", "logo.png", tmp_path / "f.pdf")
    assert int(pictures(tmp_path / "f.pdf")[0].min()) == 255


def test_a_failed_intake_leaves_nothing_behind(tmp_path):
    path = tmp_path / "junk.pdf"
    path.write_bytes(b"%PDF-1.7\n" + io.BytesIO(bytes(2000)).getvalue())
    dest = tmp_path / "made" / "f.pdf"
    dest.parent.mkdir()
    assert make_fragment(path, "junk.pdf", dest).problem == "unreadable"
    assert not list(dest.parent.iterdir())
    with pytest.raises(Refused):
        make(path, "application/pdf", dest)


@pytest.mark.parametrize("value", ["Smith", "Müller", "Иванов", "王建設", "שלום", "Łódź"])
@pytest.mark.parametrize("flags", [0, 1 << 12])
def test_a_field_that_nobody_drew_shows_its_value_in_every_script(tmp_path, value, flags):
    path = write_form(tmp_path / "a.pdf", "Smith")
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        [widget] = pdf.pages[0].Annots
        widget.V, widget.Ff = pikepdf.String(value), flags
        del widget.AP
        pdf.save()

    facts = make_fragment(path, "a.pdf", tmp_path / "f.pdf")

    assert not [warning for warning in facts.warnings if "letters" in warning]
    with pypdfium2.PdfDocument(tmp_path / "f.pdf") as pdf:
        text = pdf[0].get_textpage().get_text_bounded()
    assert value in text or value[::-1] in text


def test_a_field_without_room_keeps_the_warning(tmp_path):
    path = write_form(tmp_path / "a.pdf", "Smith")
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        [widget] = pdf.pages[0].Annots
        widget.V, widget.Rect = pikepdf.String("Иванов"), Array([10, 10, 10, 10])
        del widget.AP
        pdf.save()
    facts = make_fragment(path, "a.pdf", tmp_path / "f.pdf")
    [said] = [warning for warning in facts.warnings if "letters" in warning]
    assert said.startswith("1 form field has letters that its font lacks")
