"""Course packages for an LMS: a unit a persona, each of which opens the trainer that ``simulator serve`` shows.

A cmi5 package is its course structure alone (``cmi5.xml``): the units' addresses lead to the server, which reports by
itself. A SCORM 1.2 package holds a page with a frame and a script, because SCORM knows only scripts of the LMS's own
pages. The same course is the same to the byte each time.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import quote
from xml.etree import ElementTree as Xml

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from simulator.cleaning import one_line
from simulator.exports.xapi import SIMULATION
from simulator.settings import ACTIVITY_BASE

CMI5 = "https://w3id.org/xapi/profiles/cmi5/v1/CourseStructure.xsd"
IMSCP = "http://www.imsproject.org/xsd/imscp_rootv1p1p2"
ADLCP = "http://www.adlnet.org/xsd/adlcp_rootv1p2"
_PAGES = Path(__file__).parent / "course"
_LANGUAGE = "en"

Needs = Literal["passed", "completed"]


@dataclass(frozen=True)
class Unit:
    """One customer to practise with: the persona's id, and what the LMS shows."""

    persona: str
    title: str
    description: str


@dataclass(frozen=True)
class Course:
    """``url`` is where ``simulator serve`` is reached; ``needs`` is what satisfies a unit; ``base`` begins its ids."""

    title: str
    description: str
    url: str
    units: Sequence[Unit]
    needs: Needs = "passed"
    base: str = ACTIVITY_BASE

    @property
    def server(self) -> str:
        """The address without a slash at its end."""
        return self.url.rstrip("/")


def cmi5_package(course: Course) -> bytes:
    """Return the zip file of ``course`` for an LMS that knows cmi5."""
    return _zipped({"cmi5.xml": cmi5_structure(course)})


def cmi5_structure(course: Course) -> bytes:
    """Return the course structure (cmi5, section 13): no mastery score, for the rubric says what passes."""
    root = Xml.Element("courseStructure", xmlns=CMI5)
    name = "-".join(unit.persona for unit in course.units)
    head = Xml.SubElement(root, "course", id=f"{course.base}courses/{quote(name, safe='')}")
    _spoken(head, course.title, course.description)
    for unit in course.units:
        item = Xml.SubElement(
            root,
            "au",
            id=f"{course.base}units/{quote(unit.persona, safe='')}",
            launchMethod="OwnWindow",
            moveOn=course.needs.capitalize(),
            activityType=SIMULATION,
        )
        _spoken(item, unit.title, unit.description)
        Xml.SubElement(item, "url").text = f"{course.server}/launch/cmi5?persona={quote(unit.persona, safe='')}"
    return _document(root)


def scorm_package(course: Course) -> bytes:
    """Return the zip file of ``course`` for an LMS that knows SCORM 1.2."""
    pages = Environment(loader=FileSystemLoader(_PAGES), autoescape=True, undefined=StrictUndefined)
    page = pages.get_template("index.html.jinja").render(title=one_line(course.title), server=course.server)
    return _zipped(
        {
            "imsmanifest.xml": scorm_manifest(course),
            "index.html": page.encode(),
            "bridge.js": (_PAGES / "bridge.js").read_bytes(),
        }
    )


def scorm_manifest(course: Course) -> bytes:
    """Return the manifest (SCORM 1.2, content packaging): an item a unit, all on one page."""
    root = Xml.Element("manifest", {"identifier": "difficult-customers", "version": "1.0", "xmlns": IMSCP})
    root.set("xmlns:adlcp", ADLCP)
    metadata = Xml.SubElement(root, "metadata")
    Xml.SubElement(metadata, "schema").text = "ADL SCORM"
    Xml.SubElement(metadata, "schemaversion").text = "1.2"
    organizations = Xml.SubElement(root, "organizations", default="course")
    organization = Xml.SubElement(organizations, "organization", identifier="course")
    Xml.SubElement(organization, "title").text = one_line(course.title)
    for unit in course.units:
        item = Xml.SubElement(
            organization,
            "item",
            identifier=f"unit-{unit.persona}",
            identifierref="page",
            isvisible="true",
            parameters=f"?persona={quote(unit.persona, safe='')}",
        )
        Xml.SubElement(item, "title").text = one_line(unit.title)
    resources = Xml.SubElement(root, "resources")
    resource = Xml.SubElement(resources, "resource", identifier="page", type="webcontent", href="index.html")
    resource.set("adlcp:scormtype", "sco")
    for name in ("index.html", "bridge.js"):
        Xml.SubElement(resource, "file", href=name)
    return _document(root)


PACKAGES: dict[str, Callable[[Course], bytes]] = {"cmi5": cmi5_package, "scorm": scorm_package}
"""Every kind of package by its name."""


def _spoken(parent: Xml.Element, title: str, description: str) -> None:
    for name, text in (("title", title), ("description", description)):
        element = Xml.SubElement(parent, name)
        Xml.SubElement(element, "langstring", lang=_LANGUAGE).text = one_line(text)


def _document(root: Xml.Element) -> bytes:
    Xml.indent(root)
    text: bytes = Xml.tostring(root, encoding="utf-8", xml_declaration=True)
    return text


def _zipped(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in files.items():
            info = zipfile.ZipInfo(name)  # with the first date a zip file knows
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            package.writestr(info, content)
    return out.getvalue()
