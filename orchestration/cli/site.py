"""The commands of the report site: `needs site build|serve`.

Not here: any work (site/).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from orchestration.cli.console import console, show_stage
from orchestration.cli.ports import HOST, require_free_port
from orchestration.settings import load_settings

if TYPE_CHECKING:
    from orchestration.release.draft import Audience

Lang = Annotated[
    str, typer.Option(help="Labels of questions, answers, cohorts, needs and themes in a language, such as fr.")
]

app = typer.Typer(no_args_is_help=True, help="Build the report site from a release, and show it.")


@app.command()
def build(
    release: Annotated[str | None, typer.Argument(help="The newest release of the newest wave if not given.")] = None,
    internal: Annotated[
        bool, typer.Option("--internal", help="For internal use, in a folder of its own: no number is hidden.")
    ] = False,
    lang: Lang = "",
) -> None:
    """Build the site of a release. The first time, npm's packages are installed (a minute)."""
    from orchestration.pipeline.dbt import ensure_manifest
    from orchestration.release.store import ReleaseStore, wave_of
    from orchestration.site.build import newest
    from orchestration.site.documents import build_documented_site

    settings = load_settings()
    name = release or newest(ReleaseStore(settings.releases))
    audience: Audience = "internal" if internal else "public"
    settings.prepare_environment()
    with show_stage(f"site of release {name}, {audience}{f', in {lang}' if lang else ''}"):
        manifest = ensure_manifest(settings.dbt_target)
        site = build_documented_site(settings, manifest, name, audience, lang)
    console.print(f"Site       {site}", soft_wrap=True)
    options = f"{' --internal' if internal else ''}{f' --lang {lang}' if lang else ''}"
    console.print(f"Next       needs site serve {wave_of(name)}{options}")


@app.command()
def serve(
    wave: Annotated[str | None, typer.Argument(help="The newest wave that has a site if not given.")] = None,
    port: Annotated[int, typer.Option(help="Port on the loopback address.")] = 8080,
    internal: Annotated[bool, typer.Option("--internal", help="The internal site.")] = False,
    lang: Lang = "",
) -> None:
    """Show the built site of a wave on the loopback address."""
    from orchestration.site.build import built_sites, serve_site, site_folder

    settings = load_settings()
    audience: Audience = "internal" if internal else "public"
    sites = settings.site / lang
    newest = next(reversed(built_sites(sites, audience)), "")
    if port:
        require_free_port(port)
    server = serve_site(site_folder(sites, wave or newest, audience), port)
    console.print(f"The report site: http://{HOST}:{server.server_port}  (Ctrl-C ends it)")
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        server.server_close()
