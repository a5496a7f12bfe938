"""The options of a compile, as data and as rules."""

import json
from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from binder.recipe import InvalidRecipe, Order, Recipe

TYPES = st.sampled_from(["backup", "photo", "waste_manifest"])
RECIPES = st.builds(
    Recipe,
    cover=st.booleans(), index=st.booleans(), tie_out=st.booleans(), receipt=st.booleans(),
    separators=st.booleans(), stamps=st.booleans(), links=st.booleans(),
    source_bookmarks=st.booleans(), originals=st.booleans(), order=st.sampled_from(Order),
    stamp=st.sampled_from(["{page}", "{contract} {{{page}}} / {pages}", ""]),
    volume_megabytes=st.none() | st.integers(1, 9_999),
    volume_pages=st.none() | st.integers(1, 99_999),
    type_order=st.lists(TYPES, unique=True).map(tuple),
    left_out_types=st.lists(TYPES, unique=True).map(tuple),
)  # fmt: skip


@given(RECIPES)
def test_a_recipe_survives_its_way_through_json(recipe):
    again = Recipe.from_json(json.loads(json.dumps(recipe.to_json())))
    assert again == recipe
    assert isinstance(again.order, Order)


def test_absent_options_take_their_defaults_and_unknown_ones_are_ignored():
    assert Recipe.from_json({}) == Recipe()
    assert Recipe.from_json({"cover": False, "perfume": "lavender"}) == Recipe(cover=False)


def test_the_defaults_make_a_document_and_plain_a_merged_file():
    recipe, plain = Recipe(), Recipe.plain()
    changed = {f.name for f in fields(Recipe) if getattr(recipe, f.name) != getattr(plain, f.name)}
    assert changed == {"cover", "index", "tie_out", "receipt", "stamps"}
    assert all(getattr(recipe, name) for name in changed)
    assert not recipe.has_volumes


@pytest.mark.parametrize(
    ("stamp", "said"),
    [
        ("{company}", "{company}"),
        ("{page", "brace"),
        ("page}", "brace"),
        ("{}", "{}"),
        ("{page!r}", "{page}"),
        ("{page:>99999999}", "{page}"),
        ("{page.__class__}", "__class__"),
        ("{contract[0]}", "contract[0]"),
        ("x" * 201, "longer than 200"),
    ],
)
def test_a_stamp_says_only_what_it_may(stamp, said):
    with pytest.raises(InvalidRecipe) as refused:
        Recipe(stamp=stamp)
    assert said in str(refused.value)
    with pytest.raises(InvalidRecipe):
        Recipe.from_json({"stamp": stamp})


@pytest.mark.parametrize("limit", [0, -1])
def test_a_volume_has_room_for_something(limit):
    with pytest.raises(InvalidRecipe):
        Recipe(volume_pages=limit)
    with pytest.raises(InvalidRecipe):
        replace(Recipe(), volume_megabytes=limit)


def test_either_limit_asks_for_volumes():
    assert Recipe(volume_pages=10).has_volumes
    assert Recipe(volume_megabytes=10).has_volumes


def test_types_stand_in_the_order_given_and_others_behind_them():
    recipe = Recipe(type_order=("photo", "backup"))
    assert sorted(["x", "backup", "photo"], key=recipe.place_of) == ["photo", "backup", "x"]
    assert Recipe().place_of("photo") == Recipe().place_of("backup")


@pytest.mark.parametrize("codes", [("x",) * 201, ("x" * 61,)])
def test_a_list_of_types_has_an_end(codes):
    with pytest.raises(InvalidRecipe, match="longer than any"):
        Recipe.from_json({"left_out_types": list(codes)})
