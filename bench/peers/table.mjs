// SPDX-License-Identifier: BSL-1.0
//
// node table.mjs FOLDER < LINES: the lines and files of all programs, as one table.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { deflateRawSync } from 'node:zlib'

const folder = process.argv[2]
const results = readFileSync(0, 'utf8').trim().split('\n').map((line) => JSON.parse(line))
const peers = [...new Set(results.map((each) => each.peer))]
const others = peers.filter((peer) => peer !== 'hearsay')
const shallow = others.filter((peer) => existsSync(join(folder, `${peer}_shallow.put`))).map((peer) => `${peer}_shallow`)

const rows = {
  put: ['map: 100,000 puts of distinct keys', 100_000],
  over_1000: ['map: 100,000 overwrites of 1,000 keys', 100_000],
  over_10: ['map: 100,000 overwrites of 10 keys', 100_000],
  merge: ['map: merge 50,000 other keys into 50,000, per key', 50_000],
  write_deltas: ['map of 100,000: write 10,000 encoded deltas', 10_000],
  apply_deltas: ['map of 100,000: apply 10,000 encoded deltas', 10_000],
  count: ['counter: 100,000 increments', 100_000]
}

const find = (row, peer) => results.find((each) => each.row === row && each.peer === peer)

/// What a peer encoded in a row: the whole state, or one delta on average. Nothing if it did less than all.
function size (row, peer, measure) {
  const did = find(row, peer.replace(/_shallow$/, ''))
  const path = join(folder, `${peer}.${row}`)
  if (!did || !existsSync(path)) return undefined
  const bytes = measure(readFileSync(path))
  if (row === 'write_deltas') return bytes / did.count
  return did.count === rows[row][1] ? bytes : undefined
}

const number = (x) => x.toLocaleString('en-US', { maximumFractionDigits: x < 100 ? 1 : 0 })
const wide = (text, width) => text.padStart(width)

function print (title, columns, value, mark = () => '') {
  const width = Math.max(13, ...columns.map((column) => column.length + 2))
  console.log(`\n${title}`)
  console.log(''.padEnd(51) + columns.map((each) => wide(each, width)).join('') + wide('ratio', 9) + '  to')
  for (const row of Object.keys(rows)) {
    const values = columns.map((peer) => value(row, peer))
    const text = values.map((x, i) => x === undefined ? '–' : number(x) + mark(row, columns[i]))
    const rivals = columns.map((peer, i) => [values[i], peer]).filter(([x, peer]) => peer !== 'hearsay' && x !== undefined)
    const [best, whose] = rivals.sort((a, b) => a[0] - b[0])[0] ?? []
    const mine = values[columns.indexOf('hearsay')]
    const ratio = best === undefined ? '–' : (mine / best).toPrecision(2)
    console.log(rows[row][0].padEnd(51) + text.map((each) => wide(each, width)).join('') + wide(ratio, 9) + `  ${whose ?? ''}`)
  }
}

console.log(peers.map((peer) => `${peer} ${results.find((each) => each.peer === peer).version}`).join(', '))
print('Time, ns per operation (the ratio is hearsay to the fastest other)', ['hearsay', ...others],
  (row, peer) => find(row, peer)?.ns,
  (row, peer) => find(row, peer).count < rows[row][1] ? '*' : '')
print('Encoded, bytes (the state at the end; of write_deltas one delta on average)', ['hearsay', ...others, ...shallow],
  (row, peer) => size(row, peer, (bytes) => bytes.length))
print('The same after deflate', ['hearsay', ...others, ...shallow],
  (row, peer) => size(row, peer, (bytes) => deflateRawSync(bytes).length))

const fewer = results.filter((each) => each.count < rows[each.row][1])
console.log(`
*  with fewer operations, since each takes long: ` +
  fewer.map((each) => `${each.peer} ${each.row} ${number(each.count)}`).join(', ') + `
–  not measured, or the peer has no such type.
yjs, automerge, loro: puts, overwrites and increments in one transaction; write_deltas in one transaction each. hearsay
   and delta_crdts have no transactions: each operation returns its delta.
merge, apply_deltas: from encoded bytes, decoding included.
Automerge keeps the whole history, and what save() returns is deflated already. Loro's snapshot has the whole history;
   loro_shallow leaves it out. Yjs keeps the ids of what was overwritten. hearsay and delta_crdts keep no history.
hearsay is compiled C++, automerge and loro are compiled to WebAssembly, yjs and delta_crdts are JavaScript.`)
