"""Which api-versions each resource provider accepts."""

import re

from aerial_ops.emulator.arm.errors import bad_request
from aerial_ops.emulator.arm.messages import Call

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}(-[a-z0-9]+)?")
VERSIONS = {
    "microsoft.resources": (
        *("2016-06-01", "2018-05-01", "2019-10-01", "2019-11-01", "2020-01-01", "2020-06-01", "2021-01-01", "2021-04-01"),
        *("2022-09-01", "2022-12-01", "2023-07-01", "2024-03-01", "2024-07-01", "2024-11-01", "2025-03-01", "2025-04-01"),
    ),
    "microsoft.storage": (
        *("2019-06-01", "2021-09-01", "2022-05-01", "2022-09-01", "2023-01-01", "2023-05-01", "2024-01-01", "2025-01-01"),
        *("2025-06-01", "2025-08-01", "2026-04-01", "2026-06-01", "2026-09-01"),
    ),
    "microsoft.hdinsight": ("2021-06-01",),
    "microsoft.consumption": ("2019-10-01", "2021-10-01", "2023-05-01", "2023-11-01", "2024-08-01"),
    "microsoft.authorization": (
        *("2016-09-01", "2018-01-01-preview", "2018-05-01-preview", "2020-04-01-preview", "2020-05-01", "2020-10-01-preview"),
        *("2022-04-01", "2022-05-01-preview"),
    ),
    "microsoft.automation": ("2019-06-01", "2020-01-13-preview", "2022-08-08", "2023-11-01", "2024-10-23"),
    "microsoft.managedidentity": ("2018-11-30", "2022-01-31-preview", "2023-01-31", "2024-11-30"),
    "microsoft.network": ("2022-07-01", "2023-11-01", "2024-05-01", "2025-01-01", "2025-05-01", "2026-03-01"),
    "microsoft.insights": ("2015-04-01", "2022-06-01", "2023-01-01"),
}


def check_version(call: Call) -> None:
    """Raises ArmError 400 when the api-version is missing or not one of the provider's."""
    version = call.api_version
    if not version:
        message = "The api-version query parameter (?api-version=) is required for all requests."
        raise bad_request(message, "MissingApiVersionParameter")
    found = re.search(r".*/providers/([^/]+)/(?!register$|unregister$)", call.path, re.IGNORECASE)
    namespace = (found[1] if found else "microsoft.resources").lower()
    known = VERSIONS.get(namespace, VERSIONS["microsoft.resources"])
    if version.lower() not in known:
        form = "" if _DATE.fullmatch(version.lower()) else " The api-version must be a date of the form yyyy-MM-dd."
        message = f"The api-version '{version}' is invalid.{form} The supported versions are '{','.join(known)}'."
        raise bad_request(message, "InvalidApiVersionParameter")
