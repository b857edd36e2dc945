"""A deployment whose releases are in an object store."""

import json

import pytest
from deployments import Deployment


def test_a_refresh_publishes_to_an_object_store_and_finds_it_there_again(
    mini: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    import fsspec
    import s3fs
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        account = {
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        }
        for name, value in account.items():
            monkeypatch.setenv(name, value)
        s3fs.S3FileSystem.clear_instance_cache()
        store = fsspec.filesystem("s3")
        store.mkdir("city-needs")
        address = "s3://city-needs/releases"
        first = mini.needs("refresh", NEEDS_RELEASES=address, **account)
        assert first.returncode == 0, first.stdout + first.stderr
        assert f"{address}/2030.0" in first.stdout
        assert json.loads(store.cat_file("city-needs/releases/latest.json")) == {"2030": "2030.0"}
        again = mini.needs("refresh", NEEDS_RELEASES=address, **account)
        assert "Nothing changed since the last refresh" in again.stdout
        verified = mini.needs("release", "verify", NEEDS_RELEASES=address, **account)
        assert (verified.returncode, "2030.0  whole" in verified.stdout) == (0, True)
        assert not mini.releases.exists()
    finally:
        server.stop()
