"""``rubrics``: what grades, and checking your own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from simulator.cli.output import aside, reported, say, table
from simulator.errors import RubricError, SimulatorError
from simulator.settings import load

app = typer.Typer(help="The rubrics, and checking your own.", no_args_is_help=True, rich_markup_mode=None)


@app.command("list")
def list_rubrics() -> None:
    """List the rubrics, your own first; the one in use is marked.

    Example: simulator rubrics list
    """
    with reported():
        from simulator.grading.rubric import load_rubric, rubric_files

        settings = load()
        rows: list[tuple[str, ...]] = []
        for name, path in rubric_files(settings.rubric_dirs()).items():
            mark = "*" if name == settings.rubric else " "
            try:
                rubric = load_rubric(name, settings.rubric_dirs())
            except SimulatorError as error:
                aside(str(error))
                rows.append((f"{mark} {name}", "", "cannot be used"))
            else:
                rows.append((f"{mark} {name}", rubric.version, str(path)))
        say(table(rows, ("  rubric", "version", "file")))


@app.command()
def lint(
    rubrics: Annotated[list[str] | None, typer.Argument(help="Names or files. Without: every rubric.")] = None,
) -> None:
    """Say everything that is wrong with a rubric at once.

    Example: simulator rubrics lint default
    """
    with reported():
        from simulator.grading.rubric import lint as flaws_of
        from simulator.grading.rubric import rubric_files

        known = rubric_files(load().rubric_dirs())
        paths = []
        for name in rubrics or list(known):
            path = Path(name) if Path(name).is_file() else known.get(name)
            if path is None:
                raise RubricError(f"There is no rubric {name!r}.", f"There are: {', '.join(sorted(known))}.")
            paths.append(path)
        found = [(path, flaw) for path in paths for flaw in flaws_of(path)]
        for path, flaw in found:
            say(f"{path}:{flaw.line}: {flaw.message} {flaw.mend}".rstrip())
        aside(f"{len(paths)} checked: {f'{len(found)} to mend' if found else 'no problems'}.")
        if any(flaw.level == "error" for _, flaw in found):
            raise typer.Exit(2)
