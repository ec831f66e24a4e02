// SPDX-License-Identifier: BSL-1.0
//
// Automerge: the root map of a document; many writes in one change. What one change takes grows with the map that
// it is in, so the rows with a change for each delta do fewer of them,
// and an increment takes long, too.
import * as A from '@automerge/automerge'
import { version } from './version.mjs'

const put = (doc, keys) => {
  doc.now = A.change(doc.now, (draft) => keys.forEach((key, i) => { draft[key] = i }))
}

export default {
  version: version('@automerge/automerge'),
  repetitions: 3,
  most: { write_deltas: 10, apply_deltas: 10, count: 1_000 },
  create: () => ({ now: A.init() }),
  put,
  fill: put,
  get: (doc, key) => doc.now[key],
  encode: (doc) => A.save(doc.now),
  apply: (doc, bytes) => { doc.now = A.loadIncremental(doc.now, bytes) },
  put_each: (doc, keys) => keys.map((key, i) => {
    doc.now = A.change(doc.now, (draft) => { draft[key] = i })
    return A.getLastLocalChange(doc.now)
  }),
  counter: () => ({ now: A.from({ c: new A.Counter() }) }),
  count: (doc, count) => {
    doc.now = A.change(doc.now, (draft) => {
      const counter = draft.c
      for (let i = 0; i < count; ++i) counter.increment()
    })
  },
  value: (doc) => doc.now.c.value,
  encode_counter: (doc) => A.save(doc.now),
  free: (doc) => A.free(doc.now)
}
