import { configMap } from './config-map'
import { downwardAPI } from './downward-api'
import { emptyDir } from './empty-dir'
import { hostPath } from './host-path'
import { ephemeral, persistentVolumeClaim } from './persistent-volume-claim'
import { projected } from './projected'
import { secret } from './secret'
import type { VolumePlugin } from './volume-plugin'

/** Every kind of volume that this kubelet sets up; a new kind is a file and a word here. */
export const volumePlugins: readonly VolumePlugin[] = [emptyDir, configMap, secret, projected, downwardAPI, hostPath, persistentVolumeClaim, ephemeral]
