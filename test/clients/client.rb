# What users of Debian's ruby-kubeclient do: discovery, objects, patches, watches, errors. Argument: a kubeconfig.
require 'kubeclient'

context = Kubeclient::Config.read(ARGV[0]).context
connect = ->(path, version) { Kubeclient::Client.new(context.api_endpoint + path, version, ssl_options: context.ssl_options, auth_options: context.auth_options) }
core = connect.call('', 'v1')
resource = ->(metadata, more = {}) { Kubeclient::Resource.new({ metadata: metadata }.merge(more)) }

core.create_namespace(resource.call({ name: 'rb' }))
core.create_config_map(resource.call({ name: 'a', namespace: 'rb' }, data: { x: '1' }))
core.patch_config_map('a', { data: { y: '2' } }, 'rb')
raise 'the patch is not there' unless core.get_config_map('a', 'rb').data.to_h == { x: '1', y: '2' }

watch = core.watch_config_maps(namespace: 'rb')
Thread.new { core.create_config_map(resource.call({ name: 'b', namespace: 'rb' })) }
watch.each { |event| break if event.type == 'ADDED' && event.object.metadata.name == 'b' }

raise 'deployments are not there' unless connect.call('/apis/apps', 'v1').get_deployments(namespace: 'rb').empty?
begin
  core.get_pod('none', 'rb')
  raise 'a pod that is not there was read'
rescue Kubeclient::ResourceNotFoundError => error
  raise error unless error.message == 'pods "none" not found'
end
core.delete_namespace('rb')
puts 'done'
