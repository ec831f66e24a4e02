// SPDX-License-Identifier: BSL-1.0
//
// Yjs: a Y.Map; many writes in one transaction, and an update event for each transaction. No counter.
import * as Y from 'yjs'
import { version } from './version.mjs'

const put = (doc, keys) => doc.transact(() => {
  const map = doc.getMap('m')
  keys.forEach((key, i) => map.set(key, i))
})

export default {
  version: version('yjs'),
  create: () => {
    const doc = new Y.Doc()
    doc.getMap('m')
    return doc
  },
  put,
  fill: put,
  get: (doc, key) => doc.getMap('m').get(key),
  encode: (doc) => Y.encodeStateAsUpdate(doc),
  apply: (doc, update) => Y.applyUpdate(doc, update),
  put_each: (doc, keys) => {
    const deltas = []
    doc.on('update', (update) => deltas.push(update))
    const map = doc.getMap('m')
    keys.forEach((key, i) => map.set(key, i))
    return deltas
  },
  free: (doc) => doc.destroy()
}
