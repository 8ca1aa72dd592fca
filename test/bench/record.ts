/** Ids in scattered order: the worst case for a sorted layout. */
export function record(index: number) {
  const id = `t_${((index * 2_654_435_761) % 4_294_967_296).toString(36).padStart(7, '0')}`
  return {
    id,
    customer_id: `c_${index % 997}`,
    transaction_date: new Date(Date.UTC(2024, 0, 1) + index * 60_000).toISOString(),
    updated_at: new Date(Date.UTC(2024, 0, 1) + index * 60_000).toISOString(),
    amount: index % 13 === 0 ? null : index / 100,
    currency: 'EUR',
    status: index % 3 ? 'settled' : 'pending',
    note: `payment ${index} for an order of several items, delivered`,
    details: { channel: 'card', tries: index % 4, tags: ['a', 'b'] },
  }
}
