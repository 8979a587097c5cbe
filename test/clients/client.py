"""What users of Debian's python3-kubernetes do: objects, patches, watches, scale, custom resources. Argument: a kubeconfig."""
import sys
from kubernetes import client, config, watch
from kubernetes.client.rest import ApiException

config.load_kube_config(sys.argv[1])
core, apps, batch = client.CoreV1Api(), client.AppsV1Api(), client.BatchV1Api()
assert client.VersionApi().get_code().git_version.startswith("v1.36")


def seen(condition, list_call, *namespace):
    """Watches until an object, as JSON, is as it should be."""
    for event in watch.Watch().stream(list_call, *namespace, timeout_seconds=30):
        if condition(event["raw_object"]):
            return
    raise SystemExit(f"{list_call.__name__}: what was waited for never came")


core.create_namespace({"metadata": {"name": "py"}})
core.create_namespaced_config_map("py", {"metadata": {"name": "a"}, "data": {"x": "1"}})
core.patch_namespaced_config_map("a", "py", {"data": {"y": "2"}})
assert core.read_namespaced_config_map("a", "py").data == {"x": "1", "y": "2"}

template = {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"name": "c", "image": "i"}]}}
apps.create_namespaced_deployment("py", {"metadata": {"name": "web"}, "spec": {"replicas": 3, "selector": {"matchLabels": {"app": "web"}}, "template": template}})
seen(lambda deployment: deployment["status"].get("readyReplicas") == 3, apps.list_namespaced_deployment, "py")
apps.patch_namespaced_deployment_scale("web", "py", {"spec": {"replicas": 1}})
assert apps.read_namespaced_deployment_scale("web", "py").spec.replicas == 1
batch.create_namespaced_job("py", {"metadata": {"name": "once"}, "spec": {"template": {"spec": {"restartPolicy": "Never", "containers": [{"name": "c", "image": "i"}]}}}})
seen(lambda job: job["status"].get("succeeded") == 1, batch.list_namespaced_job, "py")

try:
    core.read_namespaced_pod("none", "py")
    raise SystemExit("a pod that is not there was read")
except ApiException as error:
    assert error.status == 404 and "NotFound" in error.body

extensions, custom = client.ApiextensionsV1Api(), client.CustomObjectsApi()
version = {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}}
extensions.create_custom_resource_definition({"metadata": {"name": "foos.x.io"}, "spec": {"group": "x.io", "scope": "Namespaced", "names": {"plural": "foos", "kind": "Foo"}, "versions": [version]}})
established = lambda crd: {"Established": "True"}.items() <= {c["type"]: c["status"] for c in crd.get("status", {}).get("conditions") or []}.items()
seen(lambda crd: crd["metadata"]["name"] == "foos.x.io" and established(crd), extensions.list_custom_resource_definition)
custom.create_namespaced_custom_object("x.io", "v1", "py", "foos", {"apiVersion": "x.io/v1", "kind": "Foo", "metadata": {"name": "f"}, "spec": {"a": 1}})
assert custom.get_namespaced_custom_object("x.io", "v1", "py", "foos", "f")["spec"]["a"] == 1
core.delete_namespace("py")
print("done")
