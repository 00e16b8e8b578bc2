"""Finds what one file holds for us."""

from gitops_rollout.manifests import engines, kustomize, services, templates
from gitops_rollout.manifests.objects import is_inference_service, objects
from gitops_rollout.model.targets import EngineObject, FileScan, Manifest, Skipped
from gitops_rollout.text.decoding import Lines, decode
from gitops_rollout.text.loading import load
from gitops_rollout.text.unreadable import Unreadable

WORDS = (b"InferenceService", b"argoproj.io/", b".toolkit.fluxcd.io/")
"""A file without any of these, and not called kustomization, holds nothing for us and is not parsed."""

_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_LFS = b"version https://git-lfs.github.com/spec/"

HINTS = {
    "not-utf-8": "save it as UTF-8",
    "unparsable": "mend the YAML, or add the path to `ignore`",
    "template": "templates are not edited; point `paths` at rendered manifests, or add the path to `ignore`",
    "too-large": "split it, raise `limits.file-size`, or add the path to `ignore`",
    "lfs-pointer": "keep manifests out of Git LFS",
}


def is_candidate(path: str, data: bytes) -> bool:
    """Whether a file is worth parsing; cheap, and never wrong in saying no."""
    if path.rpartition("/")[2] in kustomize.NAMES:
        return True
    return any(word in data for word in WORDS) or data.startswith((*_UTF16, _LFS))


def scan_file(path: str, data: bytes, *, limit: int = 5_000_000) -> FileScan:
    """Everything in one YAML or JSON file; never raises for what the file holds.

    A file that cannot be read as a whole gives no manifests and one `Skipped`; an object that cannot be used gives one
    `Skipped` and leaves the others. Files longer than `limit` bytes are skipped unread.
    """
    if len(data) > limit:
        return _skip(path, Unreadable("too-large", f"longer than the limit of {limit} bytes"))
    if data.startswith(_LFS):
        return _skip(path, Unreadable("lfs-pointer", "a Git LFS pointer stands where a manifest was expected"))
    try:
        decoded = decode(data)
    except Unreadable as error:
        return _skip(path, error)
    try:
        return _scan(path, decoded.text)
    except Unreadable as error:
        if templates.is_template(decoded.text, parses=False):
            error = Unreadable("template", "a Helm or Jinja template", error.line)
        return _skip(path, error)


def _scan(path: str, text: str) -> FileScan:
    manifests: list[Manifest] = []
    skipped: list[Skipped] = []
    found_engines: list[EngineObject] = []
    kustomization = None
    lines = Lines(text)
    template = templates.is_template(text, parses=True)
    is_kustomization = path.rpartition("/")[2] in kustomize.NAMES
    for loaded in load(text, services.FIELD):
        if is_kustomization and loaded.number == 0:
            kustomization = kustomize.read(path, loaded.value)
            continue
        for found in objects(loaded.value):
            line = lines.number(loaded.starts[id(found.value)])
            try:
                if is_inference_service(found.version, found.kind):
                    if template:
                        raise Unreadable("template", "a Helm or Jinja template", line)
                    manifests.append(services.read(path, text, loaded, found, line))
                elif found.kind == "InferenceService":
                    message = f"an InferenceService of {found.version[:60]!r}, which has other fields"
                    raise Unreadable("other-version", message, line)
                elif engines.is_engine(found):
                    found_engines += engines.read(path, loaded.number, line, found)
            except Unreadable as error:
                skipped += _skip(path, error).skipped
    return FileScan(tuple(manifests), tuple(skipped), tuple(found_engines), kustomization)


def _skip(path: str, error: Unreadable) -> FileScan:
    hint = HINTS.get(error.reason)
    message = f"{error.message}; {hint}" if hint else error.message
    return FileScan(skipped=(Skipped(path, error.line, error.reason, message),))
