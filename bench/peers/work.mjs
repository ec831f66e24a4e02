// SPDX-License-Identifier: BSL-1.0
//
// node --expose-gc work.mjs PEER FOLDER: does the work of all rows with one peer, an adapter in PEER.mjs. Prints a line
// of JSON for each row, and writes what the row's state or deltas are encoded to into FOLDER, for table.mjs to compress.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

const [peer, folder] = process.argv.slice(2)
const adapter = (await import(`./${peer}.mjs`)).default

const warm_ups = 1
const repetitions = adapter.repetitions ?? 5
const mask = (1n << 64n) - 1n

/// Splitmix64, as in hearsay.cpp: 16 hexadecimal digits.
function keys (count, seed) {
  const out = []
  for (let i = 0n; i < BigInt(count); ++i) {
    let z = ((BigInt(seed) << 32n) + (i + 1n) * 0x9e3779b97f4a7c15n) & mask
    z = ((z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n) & mask
    z = ((z ^ (z >> 27n)) * 0x94d049bb133111ebn) & mask
    out.push((z ^ (z >> 31n)).toString(16).padStart(16, '0'))
  }
  return out
}

const cycled = (some, count) => Array.from({ length: count }, (_, i) => some[i % some.length])
const save = (name, bytes) => writeFileSync(join(folder, name), bytes)
const concatenated = (all) => Buffer.concat(all.map((each) => Buffer.from(each)))

/// `prepare` makes what `work` is given; only `work` is timed. `check` says whether it did it, and `bytes` what is left.
/// The time is the shorter of wall clock and processor: neither what else the machine does counts, nor what a peer
/// leaves to threads of its own.
function row (name, most, { prepare, work, check, bytes }) {
  const count = Math.min(most, adapter.most?.[name] ?? most)
  const times = []
  let left
  for (let i = 0; i < warm_ups + repetitions; ++i) {
    const given = prepare(count)
    globalThis.gc()
    const cpu = process.cpuUsage()
    const start = process.hrtime.bigint()
    const made = work(given)
    const wall = Number(process.hrtime.bigint() - start)
    const used = process.cpuUsage(cpu)
    const spent = Math.min(wall, 1000 * (used.user + used.system))
    if (!check(given, made)) throw new Error(`${peer}: ${name} is not right`)
    if (i >= warm_ups) times.push(spent / count)
    if (i === warm_ups + repetitions - 1) {
      left = bytes(given, made)
      if (adapter.shallow && name !== 'write_deltas') save(`${peer}_shallow.${name}`, adapter.shallow(given.doc))
    }
    adapter.free?.(given.doc)
  }
  times.sort((a, b) => a - b)
  save(`${peer}.${name}`, left)
  console.log(JSON.stringify({ peer, version: adapter.version, row: name, count, ns: times[times.length >> 1] }))
}

function put_row (name, all) {
  row(name, all.length, {
    prepare: (count) => ({ doc: adapter.create('a'), some: all.slice(0, count) }),
    work: ({ doc, some }) => adapter.put(doc, some),
    check: ({ doc, some }) => adapter.get(doc, some.at(-1)) === some.length - 1,
    bytes: ({ doc }) => adapter.encode(doc)
  })
}

const hundred_thousand = keys(100_000, 1)
put_row('put', hundred_thousand)
put_row('over_1000', cycled(keys(1_000, 2), 100_000))
put_row('over_10', cycled(keys(10, 3), 100_000))

const [first, second] = [hundred_thousand.slice(0, 50_000), hundred_thousand.slice(50_000)]
const other = adapter.create('b')
adapter.fill(other, second)
const half = adapter.encode(other)
adapter.free?.(other)
row('merge', 50_000, {
  prepare: () => {
    const doc = adapter.create('a')
    adapter.fill(doc, first)
    return { doc }
  },
  work: ({ doc }) => {
    adapter.apply(doc, half)
    return adapter.get(doc, second.at(-1))  // so that nothing is put off until it is read
  },
  check: ({ doc }) => adapter.get(doc, first[0]) === 0 && adapter.get(doc, second.at(-1)) === 49_999,
  bytes: ({ doc }) => adapter.encode(doc)
})

const fresh = keys(10_000, 4)
const large = () => {
  const doc = adapter.create('a')
  adapter.fill(doc, hundred_thousand)
  return doc
}
row('write_deltas', fresh.length, {
  prepare: (count) => ({ doc: large(), some: fresh.slice(0, count) }),
  work: ({ doc, some }) => adapter.put_each(doc, some),
  check: ({ doc, some }, deltas) => deltas.length === some.length && adapter.get(doc, some.at(-1)) === some.length - 1,
  bytes: (_, deltas) => concatenated(deltas)
})
row('apply_deltas', fresh.length, {
  prepare: (count) => {
    const doc = large()
    const writer = adapter.create('b')
    adapter.apply(writer, adapter.encode(doc))
    const some = fresh.slice(0, count)
    const deltas = adapter.put_each(writer, some)
    adapter.free?.(writer)
    return { doc, some, deltas }
  },
  work: ({ doc, some, deltas }) => {
    for (const delta of deltas) adapter.apply(doc, delta)
    return adapter.get(doc, some.at(-1))  // so that nothing is put off until it is read
  },
  check: ({ doc, some }) => adapter.get(doc, some.at(-1)) === some.length - 1,
  bytes: ({ doc }) => adapter.encode(doc)
})

if (adapter.count) {
  row('count', 100_000, {
    prepare: (count) => ({ doc: adapter.counter(), count }),
    work: ({ doc, count }) => adapter.count(doc, count),
    check: ({ doc, count }) => adapter.value(doc) === count,
    bytes: ({ doc }) => adapter.encode_counter(doc)
  })
}
