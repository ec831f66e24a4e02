// SPDX-License-Identifier: BSL-1.0
//
// delta-crdts: an ormap of mvreg. Every join walks the whole state, so some rows do fewer operations.
import CRDT from 'delta-crdts'
import codec from 'delta-crdts-msgpack-codec'
import { version } from './version.mjs'

const put_each = (doc, keys) => keys.map((key, i) => doc.applySub(key, 'mvreg', 'write', i))
const { initial, join, mutators } = CRDT.type('ormap')

/// The join of one delta for each key, pair by pair: for what is not timed.
function filled (id, keys) {
  const base = initial()
  let all = keys.map((key, i) => mutators.applySub(id, base, key, 'mvreg', 'write', i))
  while (all.length > 1) {
    const next = []
    for (let i = 0; i < all.length; i += 2) next.push(i + 1 < all.length ? join(all[i], all[i + 1]) : all[i])
    all = next
  }
  return all[0]
}

export default {
  version: version('delta-crdts'),
  repetitions: 3,
  most: { put: 2_000, over_1000: 2_000, over_10: 20_000, write_deltas: 10, apply_deltas: 10 },
  create: (id) => CRDT('ormap')(id),
  put: put_each,
  fill: (doc, keys) => doc.apply(filled(doc.id, keys)),
  get: (doc, key) => {
    const register = doc.state().state.get(key)
    return register && Math.max(...CRDT.type('mvreg').value(register))
  },
  encode: (doc) => codec.encode(doc.state()).slice(),
  apply: (doc, bytes) => doc.apply(codec.decode(bytes)),
  put_each: (doc, keys) => put_each(doc, keys).map((delta) => codec.encode(delta).slice()),
  counter: () => CRDT('gcounter')('a'),
  count: (doc, count) => { for (let i = 0; i < count; ++i) doc.inc() },
  value: (doc) => doc.value(),
  encode_counter: (doc) => codec.encode(doc.state()).slice()
}
