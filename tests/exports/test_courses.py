"""Course packages: what the specifications ask of them, checked apart from the code that makes them."""

from __future__ import annotations

import io
import re
import zipfile
from urllib.parse import parse_qsl, urlsplit
from xml.etree import ElementTree as Xml

import pytest

from simulator.exports.courses import PACKAGES, Course, Unit, cmi5_package, scorm_package

CMI5 = "{https://w3id.org/xapi/profiles/cmi5/v1/CourseStructure.xsd}"
IMSCP = "{http://www.imsproject.org/xsd/imscp_rootv1p1p2}"
ADLCP = "{http://www.adlnet.org/xsd/adlcp_rootv1p2}"
IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]+")
COURSE = Course(
    'Hard <talks> & "quotes"',
    "Practise.",
    "https://practise.example.org/",
    [Unit("moving-house", "Moving house", "Out in days & alone"), Unit("billing-dispute", "Billing", "Third call")],
)


def opened(package: bytes) -> zipfile.ZipFile:
    file = zipfile.ZipFile(io.BytesIO(package))
    assert file.testzip() is None
    return file


def children(element: Xml.Element, space: str) -> list[str]:
    return [child.tag.removeprefix(space) for child in element]


def texts_are_sound(element: Xml.Element) -> None:
    for name in ("title", "description"):
        spoken = element.find(f"{CMI5}{name}")
        assert spoken is not None
        assert children(spoken, CMI5) == ["langstring"]
        assert spoken[0].get("lang") == "en"
        assert (spoken[0].text or "").strip()


def test_a_cmi5_course_keeps_the_rules_of_the_course_structure() -> None:
    """cmi5 (Quartz), sections 13.1 and 14.1."""
    package = opened(cmi5_package(COURSE))
    assert package.namelist() == ["cmi5.xml"]
    root = Xml.fromstring(package.read("cmi5.xml"))  # noqa: S314 - our own
    assert root.tag == f"{CMI5}courseStructure"
    assert children(root, CMI5) == ["course", "au", "au"]
    ids = [element.get("id") or "" for element in root]
    assert len(set(ids)) == 3
    assert all(IRI.fullmatch(iri) for iri in ids)
    for element in root:
        texts_are_sound(element)
    for unit in root.findall(f"{CMI5}au"):
        assert children(unit, CMI5) == ["title", "description", "url"]
        assert unit.get("launchMethod") in ("AnyWindow", "OwnWindow")
        assert unit.get("moveOn") in ("Passed", "Completed", "CompletedAndPassed", "CompletedOrPassed", "NotApplicable")
        assert unit.get("masteryScore") is None
        address = urlsplit(unit.findtext(f"{CMI5}url") or "")
        assert (address.scheme, address.netloc) == ("https", "practise.example.org")
        names = {name for name, _ in parse_qsl(address.query)}
        assert not names & {"endpoint", "fetch", "actor", "registration", "activityId"}


def test_what_satisfies_a_unit_can_be_chosen() -> None:
    course = Course(COURSE.title, COURSE.description, COURSE.url, COURSE.units, "completed")
    assert b'moveOn="Completed"' in opened(cmi5_package(course)).read("cmi5.xml")
    assert b'moveOn="Passed"' in opened(cmi5_package(COURSE)).read("cmi5.xml")


def test_a_scorm_course_keeps_the_rules_of_its_manifest() -> None:
    """SCORM 1.2, content aggregation model, section 2.3."""
    package = opened(scorm_package(COURSE))
    root = Xml.fromstring(package.read("imsmanifest.xml"))  # noqa: S314 - our own
    assert root.tag == f"{IMSCP}manifest"
    assert children(root, IMSCP) == ["metadata", "organizations", "resources"]
    assert root.findtext(f"{IMSCP}metadata/{IMSCP}schema") == "ADL SCORM"
    assert root.findtext(f"{IMSCP}metadata/{IMSCP}schemaversion") == "1.2"
    organizations = root.find(f"{IMSCP}organizations")
    assert organizations is not None
    organization = organizations[0]
    assert organizations.get("default") == organization.get("identifier")
    resources = {r.get("identifier"): r for r in root.iter(f"{IMSCP}resource")}
    items = list(organization.iter(f"{IMSCP}item"))
    assert [item.get("parameters") for item in items] == ["?persona=moving-house", "?persona=billing-dispute"]
    assert all(item.findtext(f"{IMSCP}title") and item.get("identifierref") in resources for item in items)
    for resource in resources.values():
        assert (resource.get("type"), resource.get(f"{ADLCP}scormtype")) == ("webcontent", "sco")
        files = [file.get("href") for file in resource.findall(f"{IMSCP}file")]
        assert resource.get("href") in files
        assert set(files) <= set(package.namelist())
    identifiers = [e.get("identifier") for e in root.iter() if e.get("identifier")]
    assert len(set(identifiers)) == len(identifiers)
    assert all(re.fullmatch(r"[A-Za-z_][\w.-]*", name or "") for name in identifiers)


def test_the_page_of_a_scorm_course_takes_its_title_as_text() -> None:
    page = opened(scorm_package(COURSE)).read("index.html").decode()
    assert "Hard &lt;talks&gt; &amp;" in page
    assert 'data-server="https://practise.example.org"' in page


@pytest.mark.parametrize("kind", PACKAGES)
def test_the_same_course_is_the_same_to_the_byte(kind: str) -> None:
    assert PACKAGES[kind](COURSE) == PACKAGES[kind](COURSE)
