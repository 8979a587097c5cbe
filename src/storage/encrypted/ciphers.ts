import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto'
import { xsalsa20poly1305 } from '@noble/ciphers/salsa.js'
import { concat, type Plain, type Transformer } from './transformer'

const text = new TextEncoder()
const fresh = (value: Uint8Array): Plain => ({ value, stale: false })

const blockSize = 16
/** AES-CBC with a random vector before the text. It authenticates nothing: the original advises against it, and so does this. */
export function aesCbc(secret: Uint8Array): Transformer {
  const algorithm = `aes-${secret.length * 8}-cbc`
  return {
    write(value) {
      const iv = randomBytes(blockSize)
      const cipher = createCipheriv(algorithm, secret, iv)
      return concat(iv, cipher.update(value), cipher.final())
    },
    read(stored) {
      if (stored.length < blockSize) throw new Error('the stored data was shorter than the required size')
      const rest = stored.subarray(blockSize)
      if (rest.length % blockSize !== 0) throw new Error('the stored data is not a multiple of the block size')
      const decipher = createDecipheriv(algorithm, secret, stored.subarray(0, blockSize))
      try {
        return fresh(concat(decipher.update(rest), decipher.final()))
      } catch (error) {
        throw new Error('invalid padding on input', { cause: error })
      }
    },
  }
}

const nonceSize = 12
const tagSize = 16
type Gcm = 'aes-128-gcm' | 'aes-192-gcm' | 'aes-256-gcm'

/** AES-GCM with a random nonce of 96 bits before the text: one key is good for some 200,000 writes, then it must be rotated. */
export function aesGcm(secret: Uint8Array): Transformer {
  const algorithm = `aes-${secret.length * 8}-gcm` as Gcm
  return {
    write(value, key) {
      const nonce = randomBytes(nonceSize)
      const cipher = createCipheriv(algorithm, secret, nonce)
      cipher.setAAD(text.encode(key))
      return concat(nonce, cipher.update(value), cipher.final(), cipher.getAuthTag())
    },
    read(stored, key) {
      if (stored.length < nonceSize + tagSize) throw new Error('the stored data was shorter than the required size')
      const decipher = createDecipheriv(algorithm, secret, stored.subarray(0, nonceSize))
      decipher.setAAD(text.encode(key))
      decipher.setAuthTag(stored.subarray(stored.length - tagSize))
      try {
        return fresh(concat(decipher.update(stored.subarray(nonceSize, stored.length - tagSize)), decipher.final()))
      } catch (error) {
        throw new Error('cipher: message authentication failed', { cause: error })
      }
    },
  }
}

const infoSize = 32
/** AES-GCM under a key of its own for each write, made of the seed and 32 random bytes that stand before it: the nonce is never worn out. */
export function derivedGcm(seed: Uint8Array): Transformer {
  // HKDF's expansion for 32 bytes of SHA-256 is one round.
  const derive = (info: Uint8Array): Transformer => aesGcm(createHmac('sha256', seed).update(info).update(Uint8Array.of(1)).digest())
  return {
    write(value, key) {
      const info = randomBytes(infoSize)
      return concat(info, derive(info).write(value, key))
    },
    read(stored, key) {
      if (stored.length < infoSize) throw new Error('the stored data was shorter than the required size')
      return derive(stored.subarray(0, infoSize)).read(stored.subarray(infoSize), key)
    },
  }
}

const secretboxNonce = 24
/** XSalsa20 and Poly1305, as NaCl's secretbox. */
export function secretbox(secret: Uint8Array): Transformer {
  return {
    write(value) {
      const nonce = randomBytes(secretboxNonce)
      return concat(nonce, xsalsa20poly1305(secret, nonce).encrypt(value))
    },
    read(stored) {
      if (stored.length < secretboxNonce + tagSize) throw new Error('the stored data was shorter than the required size')
      try {
        return fresh(xsalsa20poly1305(secret, stored.subarray(0, secretboxNonce)).decrypt(stored.subarray(secretboxNonce)))
      } catch (error) {
        throw new Error('the stored data is not of this key', { cause: error })
      }
    },
  }
}
