import pytest

from services.addresses import PATHS, address_of, path_of


@pytest.mark.parametrize("page", PATHS)
def test_an_address_that_a_worker_writes_is_that_of_the_page(app, page):
    (rule,) = app.url_map.iter_rules(page)
    values = {name: "a-b_1" if name == "token" else 7 for name in rule.arguments}
    assert path_of(page, **values) == app.url_map.bind("").build(page, values)


def test_an_address_begins_with_that_of_the_site(context, app):
    app.config["BASE_URL"] = "https://example.org/drawpack"
    assert address_of("delivery.show", project_id=7) == (
        "https://example.org/drawpack/projects/7/delivery"
    )
