import { option, types } from '#component-base/options/option'

export const encryptionOptions = {
  encryptionProviderConfig: option(types.string, 'encryption-provider-config', '', 'A file that says how objects are encrypted where they rest: an apiserver.config.k8s.io/v1 EncryptionConfiguration.'),
  encryptionProviderConfigAutomaticReload: option(types.bool, 'encryption-provider-config-automatic-reload', false, 'Read the file of --encryption-provider-config again when it changes.'),
}
