// SPDX-License-Identifier: BSL-1.0
//
// Loro: a LoroMap; many writes in one commit, and a local update for each commit. Bytes are a snapshot, which has the
// whole history; loro_shallow is the same library with the bytes of a shallow snapshot, which leaves history out.
import { LoroDoc } from 'loro-crdt'
import { version } from './version.mjs'

const put = (doc, keys) => {
  const map = doc.getMap('m')
  keys.forEach((key, i) => map.set(key, i))
  doc.commit()
}

export default {
  version: version('loro-crdt'),
  create: () => new LoroDoc(),
  put,
  fill: put,
  get: (doc, key) => doc.getMap('m').get(key),
  encode: (doc) => doc.export({ mode: 'snapshot' }),
  shallow: (doc) => doc.export({ mode: 'shallow-snapshot', frontiers: doc.frontiers() }),
  apply: (doc, bytes) => doc.import(bytes),
  put_each: (doc, keys) => {
    const deltas = []
    const stop = doc.subscribeLocalUpdates((update) => deltas.push(update))
    const map = doc.getMap('m')
    keys.forEach((key, i) => {
      map.set(key, i)
      doc.commit()
    })
    stop()
    return deltas
  },
  counter: () => new LoroDoc(),
  count: (doc, count) => {
    const counter = doc.getCounter('c')
    for (let i = 0; i < count; ++i) counter.increment(1)
    doc.commit()
  },
  value: (doc) => doc.getCounter('c').value,
  encode_counter: (doc) => doc.export({ mode: 'snapshot' }),
  free: (doc) => doc.free()
}
