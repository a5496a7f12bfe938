"""The linker's promise: every reference means the object that it meant before."""

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pikepdf
import pypdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pikepdf import Array, Dictionary, Name, Pdf

from binder import fields
from binder.fragment import FRAGMENT_VERSION, HEADER_LENGTH, Fragment, NotAFragment
from binder.linker import Part, link
from binder.make_fragment import make
from binder.metadata import Metadata
from binder.objects import Objects
from binder.outline import Bookmark, write_outline
from binder.output import Output, Relocation
from binder.page_tree import PageTree
from binder.side_table import SideTable, SourceBookmark
from tests.pdfs import write_pdf

METADATA = Metadata(
    title="Title", author="Dana Reyes", subject="Tower", language="en-US",
    at=datetime(2026, 8, 31, 14, 5, 9, tzinfo=UTC),
)  # fmt: skip
IDENTITY = bytes(range(16))


def fragment_of(path):
    made = path.with_suffix(".fragment.pdf")
    make(path, "application/pdf", made)
    return Fragment.open(made)


def link_files(folder, *paths, stamp=None):
    out = folder / "out.pdf"
    linked = link([Part(fragment_of(p), stamp=stamp) for p in paths], out, METADATA, IDENTITY)
    return out, linked


@given(st.lists(st.integers(1, 99_999_999), min_size=1), st.randoms())
def test_fields_hold_every_number_in_eight_bytes(numbers, random):
    headers = np.array([random.random() < 0.5 for _ in numbers])
    encoded = fields.encode(np.array(numbers, np.uint32), headers).astype("<u8").tobytes()
    expected = [
        fields.header(number) if is_header else fields.reference(number)
        for number, is_header in zip(numbers, headers, strict=True)
    ]
    assert encoded == b"".join(expected)
    assert fields.padding(np.array(numbers, np.uint32)).tolist() == [
        8 - len(str(number)) for number in numbers
    ]


def side_table(**changes):
    values = {
        "positions": np.array([0, 40, 300], np.int64),
        "targets": np.array([1, 2, 2], np.uint32),
        "headers": np.array([True, False, True]),
        "pages": np.array([2], np.uint32),
        "geometry": np.array([[0, 0, 612, 792, 90, 1, 2]], np.float32),
        "shareable": np.array([2], np.uint32),
        "digests": b"x" * 16,
        "bookmarks": (SourceBookmark(0, "Über", 0, 700.5), SourceBookmark(1, "b", 0, None)),
        "layers": (1,),
        "hidden_layers": (),
    }
    return SideTable(**(values | changes))


def test_a_side_table_survives_packing():
    table = side_table()
    again = SideTable.from_bytes(table.to_bytes())
    for name in SideTable.__slots__:
        assert np.array_equal(getattr(again, name), getattr(table, name)), name
    assert (again.objects, again.object_starts.tolist()) == (2, [0, 300])


def test_a_fragment_is_a_pdf_of_its_own(tmp_path):
    fragment = fragment_of(write_pdf(tmp_path / "a.pdf", ["One", "Two"]))
    with pikepdf.open(fragment.path) as pdf:
        assert pdf.check_pdf_syntax() == []
    reader = pypdf.PdfReader(fragment.path, strict=True)
    assert ["One" in page.extract_text() for page in reader.pages] == [True, False]
    assert fragment.pages == 2


@pytest.mark.parametrize(
    "damage",
    [
        lambda head: head[:40],
        lambda head: head.replace(b"Fragment %d " % FRAGMENT_VERSION, b"Fragment 9 "),
        lambda _: b"%PDF-1.7\n".ljust(HEADER_LENGTH),
        bytes,  # the header is whole, but what it speaks of is missing
    ],
)
def test_what_is_no_fragment_of_this_version_is_refused(tmp_path, damage):
    fragment = fragment_of(write_pdf(tmp_path / "a.pdf"))
    (tmp_path / "other.pdf").write_bytes(damage(fragment.path.read_bytes()[:HEADER_LENGTH]))
    with pytest.raises(NotAFragment):
        Fragment.open(tmp_path / "other.pdf")
    with pytest.raises(NotAFragment):
        Fragment.open(tmp_path / "missing.pdf")


def meaning(obj, pages, depth=0):
    """An object's value with references followed; pages by their position in the document."""
    if isinstance(obj, Dictionary | pikepdf.Stream) and obj.is_indirect and obj.objgen in pages:
        return ("page", pages[obj.objgen])
    if depth > 6:
        return "deep"
    if isinstance(obj, pikepdf.Stream):
        entries = {k: meaning(v, pages, depth + 1) for k, v in obj.items() if k != "/Length"}
        return ("stream", obj.read_raw_bytes(), entries)
    if isinstance(obj, Dictionary):
        return {str(k): meaning(v, pages, depth + 1) for k, v in obj.items()}
    if isinstance(obj, Array):
        return [meaning(v, pages, depth + 1) for v in obj]
    return str(obj)


def random_document(path, random, pages):
    """Pages whose `/Things` reach a random graph: shared objects, loops, pages, big streams."""
    pdf = Pdf.new()
    for _ in range(pages):
        pdf.add_blank_page(page_size=(612, 792))
    things = [
        pdf.make_stream(bytes([random.randrange(4)]) * random.choice([3, 2000, 5000]))
        if random.random() < 0.4
        else pdf.make_indirect(Dictionary(N=random.randrange(5)))
        for _ in range(random.randrange(1, 12))
    ]
    texts = ["(1 0 R)", "12 0 R", "\\) 3 0 R (", "endobj", "stream\n7 0 R"]
    for thing in things:
        for key in random.sample(["/A", "/B", "/C"], random.randrange(3)):
            thing[key] = random.choice([*things, pdf.pages[0].obj, Name("/X#20 1 0 R")])
        thing["/Text"] = pikepdf.String(random.choice(texts))
        thing["/Numbers"] = Array([1, 2, 0, random.choice(things), 0, random.choice(things)])
    for page in pdf.pages:
        page.obj.Things = Array(random.sample(things, random.randrange(len(things) + 1)))
    pdf.save(path, object_stream_mode=random.choice(list(pikepdf.ObjectStreamMode)))


@settings(max_examples=15, deadline=None)
@given(st.randoms(use_true_random=False), st.lists(st.integers(1, 5), min_size=1, max_size=3))
def test_every_reference_means_the_object_that_it_meant_before(random, counts):
    with TemporaryDirectory() as name:
        folder = Path(name)
        paths = [folder / f"{number}.pdf" for number in range(len(counts))]
        for path, count in zip(paths, counts, strict=True):
            random_document(path, random, count)
        plan = [random.choice(paths) for _ in range(random.randrange(1, 5))]
        out, linked = link_files(folder, *plan, stamp=random.choice([None, "Stamp"]))
        with Pdf.open(out, attempt_recovery=False) as result:
            assert linked.pages == len(result.pages)
            assert result.check_pdf_syntax() == []
            first = 0
            for path in plan:
                with Pdf.open(path) as source:
                    count = len(source.pages)
                    before = {p.obj.objgen: n for n, p in enumerate(source.pages)}
                    after = {p.obj.objgen: n - first for n, p in enumerate(result.pages)}
                    for n in range(count):
                        assert meaning(result.pages[first + n].obj.Things, after) == meaning(
                            source.pages[n].obj.Things, before
                        )
                    first += count


def test_equal_contents_are_written_once(tmp_path):
    big, small = (np.random.default_rng(n).bytes(50_000) for n in (1, 2))
    for name in ("a", "b"):
        pdf = Pdf.new()
        pdf.add_blank_page()
        mask = pdf.make_stream(small, Type=Name.XObject)
        image = pdf.make_stream(big, Type=Name.XObject, SMask=mask)
        pdf.pages[0].obj.Resources = Dictionary(XObject=Dictionary(Im0=image), Own=name)
        pdf.save(tmp_path / f"{name}.pdf", compress_streams=False, stream_decode_level=None)
    out, linked = link_files(tmp_path, tmp_path / "a.pdf", tmp_path / "b.pdf")
    with Pdf.open(out) as pdf:
        one, two = (page.obj.Resources.XObject.Im0 for page in pdf.pages)
        assert one.objgen == two.objgen
        assert one.SMask.read_bytes() == small
    _, alone = link_files(tmp_path, tmp_path / "a.pdf")
    assert linked.size < 2 * alone.size - len(big)


def test_contents_that_differ_only_in_what_they_reach_stay_apart(tmp_path):
    for name, mask in (("a", b"1" * 2000), ("b", b"2" * 2000)):
        pdf = Pdf.new()
        pdf.add_blank_page()
        same = np.random.default_rng(1).bytes(5000)
        image = pdf.make_stream(same, SMask=pdf.make_stream(mask))
        pdf.pages[0].obj.Resources = Dictionary(XObject=Dictionary(Im0=image))
        pdf.save(tmp_path / f"{name}.pdf")
    out, _ = link_files(tmp_path, tmp_path / "a.pdf", tmp_path / "b.pdf")
    with Pdf.open(out) as pdf:
        masks = [page.obj.Resources.XObject.Im0.SMask.read_bytes()[:1] for page in pdf.pages]
    assert masks == [b"1", b"2"]


@pytest.mark.parametrize("capacity", [16, 17, 64, 1000])
def test_no_field_is_lost_between_two_buffers(tmp_path, capacity):
    body = b"".join(b"<%s 0 R>" % fields.reference(n) for n in range(1, 60))
    positions = np.arange(59, dtype=np.int64) * 14 + 1
    numbers = np.arange(1001, 1060, dtype=np.uint32)
    (tmp_path / "in").write_bytes(b"skipped" + body)
    with (
        (tmp_path / "in").open("rb") as source,
        Output(tmp_path / "out", capacity=capacity) as out,
    ):
        out.put(b"start")
        out.copy(source.fileno(), 7, len(body), Relocation(positions, numbers, np.zeros(59, bool)))
        out.put(b"e" * 100)
        assert out.tell() == 5 + len(body) + 100
        out.finish()
    written = (tmp_path / "out").read_bytes()
    expected = b"".join(b"<%s 0 R>" % fields.reference(n) for n in range(1001, 1060))
    assert written == b"start" + expected + b"e" * 100


def test_offsets_beyond_four_gigabytes_are_right(tmp_path):
    with Output(tmp_path / "big") as out:
        objects = Objects(out)
        number = objects.allocate(2)
        objects.place(slice(number, number + 2), np.array([17, (5 << 30) + 3], np.int64))
        out._flushed = 6 << 30  # as if so much had been written before
        objects.put_cross_reference(b"/Root 1 0 R")
        out.finish()
    data = (tmp_path / "big").read_bytes()
    assert b"/W[1 5 1]" in data
    assert b"startxref\n%d\n" % (6 << 30) in data
    columns = pypdf.filters.FlateDecode.decode(
        data.split(b"stream\n")[1].split(b"\nendstream")[0],
        pypdf.generic.DictionaryObject(
            {
                pypdf.generic.NameObject("/Predictor"): pypdf.generic.NumberObject(12),
                pypdf.generic.NameObject("/Columns"): pypdf.generic.NumberObject(7),
            }
        ),
    )
    rows = [columns[n : n + 7] for n in range(0, len(columns), 7)]
    assert [(row[0], int.from_bytes(row[1:6])) for row in rows] == [
        (0, 0),
        (1, 17),
        (1, (5 << 30) + 3),
        (1, 6 << 30),
    ]


@pytest.mark.parametrize("pages", [1, 63, 64, 65, 4096, 4097])
def test_the_page_tree_names_parents_before_it_is_written(tmp_path, pages):
    with Output(tmp_path / "tree.pdf") as out:
        out.put(b"%PDF-1.7\n")
        objects = Objects(out)
        catalogue, root = objects.allocate(), objects.allocate()
        tree = PageTree(objects, root, pages)
        first = objects.allocate(pages)
        for page in range(pages):
            objects.put(
                first + page,
                b"<</Type/Page/MediaBox[0 0 9 9]/Resources<<>>/Parent %d 0 R/N %d>>"
                % (tree.parents(page, 1)[0], page),
            )
        tree.write(range(first, first + pages))
        objects.put(catalogue, b"<</Type/Catalog/Pages %d 0 R>>" % root)
        objects.put_cross_reference(b"/Root %d 0 R" % catalogue)
        out.finish()
    with Pdf.open(tmp_path / "tree.pdf", attempt_recovery=False) as pdf:
        assert pdf.check_pdf_syntax() == []
        assert [page.obj.N for page in pdf.pages] == list(range(pages))


def test_bookmarks_nest_by_level_alone(tmp_path):
    with Output(tmp_path / "o.pdf") as out:
        out.put(b"%PDF-1.7\n")
        objects = Objects(out)
        catalogue, root, page = (objects.allocate() for _ in range(3))
        pages = objects.allocate()
        marks = [
            Bookmark(0, "a", 0), Bookmark(2, "skips a level", 0, 700.5), Bookmark(1, "b", 0),
            Bookmark(0, "Zürich (1)", 0),
        ]  # fmt: skip
        write_outline(objects, root, marks, [page])
        objects.put(page, b"<</Type/Page/MediaBox[0 0 9 9]/Resources<<>>/Parent %d 0 R>>" % pages)
        objects.put(pages, b"<</Type/Pages/Count 1/Kids[%d 0 R]>>" % page)
        objects.put(catalogue, b"<</Type/Catalog/Pages %d 0 R/Outlines %d 0 R>>" % (pages, root))
        objects.put_cross_reference(b"/Root %d 0 R" % catalogue)
        out.finish()
    with Pdf.open(tmp_path / "o.pdf") as pdf, pdf.open_outline() as outline:
        found = [(item.title, [child.title for child in item.children]) for item in outline.root]
        assert found == [("a", ["skips a level", "b"]), ("Zürich (1)", [])]
        assert list(outline.root[0].children[0].destination)[1:4] == [
            Name.XYZ,
            None,
            pytest.approx(700.5),
        ]


SCRIPT = """
import sys
from hashlib import sha256
from pathlib import Path
from tests.test_linker import link_files, write_pdf
folder = Path(sys.argv[1])
paths = [write_pdf(folder / f"{n}.pdf", ["Page"] * n) for n in (1, 3)]
print(sha256(link_files(folder, *paths, stamp="SC-001")[0].read_bytes()).hexdigest())
"""


def test_equal_inputs_give_equal_bytes_in_every_process_locale_and_time_zone(tmp_path):
    digests = set()
    for zone, language in (("UTC", "C"), ("Asia/Kolkata", "de_DE.UTF-8")):
        folder = tmp_path / zone.replace("/", "-")
        folder.mkdir()
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT, folder],
            env={"TZ": zone, "LC_ALL": language, "PYTHONPATH": ".", "PYTHONHASHSEED": "7"},
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        digests.add(done.stdout.strip())
    assert len(digests) == 1


def test_the_linker_needs_little_memory(tmp_path):
    """Twenty times the pages may not need more than their table: the bytes stay outside."""
    pdf = Pdf.new()
    pdf.add_blank_page()
    pdf.pages[0].obj.Big = pdf.make_stream(np.random.default_rng(1).bytes(3_000_000))
    pdf.save(tmp_path / "a.pdf")
    fragment = fragment_of(tmp_path / "a.pdf")
    script = f"""
import resource
from pathlib import Path
from binder.fragment import Fragment
from binder.linker import Linker, Part
from binder.output import Output
from tests.test_linker import IDENTITY, METADATA
fragment = Fragment.open(Path({str(fragment.path)!r}))
def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
with Output(Path({str(tmp_path / "o.pdf")!r})) as out:
    linker = Linker(out, 21)
    linker._shared = type("Never", (), {{"replace": lambda *_: []}})()
    linker.add(Part(fragment))
    before = peak()
    for _ in range(20):
        linker.add(Part(fragment))
    linked = linker.finish(METADATA, IDENTITY)
assert linked.size > 60_000_000, linked
print(peak() - before)
"""
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={"PYTHONPATH": "."},
        capture_output=True,
        text=True,
        check=True,
    )
    assert int(done.stdout) < 20_000, "kilobytes"
