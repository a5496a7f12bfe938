"""Requests made from the API's own description, well formed and not: none may be a server error."""

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error

from tests.test_api import rows, token_for  # noqa: F401 - fixtures


@pytest.fixture
def described(app, alice, rows):  # noqa: F811
    """The API of a project with one of everything, read from its OpenAPI document."""
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)
    return schema, {"Authorization": f"Bearer {token_for(app, alice)}"}


def test_nothing_that_fits_the_description_or_nearly_does_breaks_the_server(described):
    schema, headers = described
    operations = [result.ok() for result in schema.get_all_operations()]
    assert len(operations) > 10
    for operation in operations:

        @given(case=operation.as_strategy())
        @settings(
            max_examples=12,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        )
        def never_breaks(case):
            case.call_and_validate(headers=headers, checks=[not_a_server_error])

        never_breaks()
