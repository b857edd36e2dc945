"""The commands of the report site: `needs site build|serve`.

Not here: any work (site/).
"""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING, Annotated

import typer

from orchestration.cli.console import console
from orchestration.settings import load_settings

if TYPE_CHECKING:
    from orchestration.release.draft import Audience

app = typer.Typer(no_args_is_help=True, help="Build the report site from a release, and show it.")


@app.command()
def build(
    release: Annotated[str | None, typer.Argument(help="The newest release of the newest wave if not given.")] = None,
    internal: Annotated[
        bool, typer.Option("--internal", help="For internal use, in a folder of its own: no number is hidden.")
    ] = False,
) -> None:
    """Build the site of a release. The first time, npm's packages are installed (a minute)."""
    from orchestration.pipeline.dbt import ensure_manifest
    from orchestration.release.store import ReleaseStore
    from orchestration.site.build import newest
    from orchestration.site.documents import build_documented_site

    settings = load_settings()
    start = perf_counter()
    name = release or newest(ReleaseStore(settings.releases))
    console.print(f"Site of release {name}, {'internal' if internal else 'public'}: a minute or less")
    settings.prepare_environment()
    manifest = ensure_manifest(settings.dbt_target)
    site = build_documented_site(settings, manifest, name, "internal" if internal else "public")
    console.print(f"Site       {site}", soft_wrap=True)
    console.print(f"Done in {perf_counter() - start:.1f} s. Show it: make site-serve")


@app.command()
def serve(
    wave: Annotated[str | None, typer.Argument(help="The newest wave that has a site if not given.")] = None,
    port: Annotated[int, typer.Option(help="Port on the loopback address.")] = 8080,
    internal: Annotated[bool, typer.Option("--internal", help="The internal site.")] = False,
) -> None:
    """Show the built site of a wave on the loopback address."""
    from orchestration.site.build import built_sites, serve_site, site_folder

    settings = load_settings()
    audience: Audience = "internal" if internal else "public"
    newest = next(reversed(built_sites(settings.site, audience)), "")
    server = serve_site(site_folder(settings.site, wave or newest, audience), port)
    console.print(f"The report site: http://127.0.0.1:{server.server_port}  (Ctrl-C ends it)")
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        server.server_close()
