/** What keeps a request private: no cookies of the browser, no page in `Referer`, no copy in a cache. */
const FIELDS = { credentials: 'omit', referrerPolicy: 'no-referrer', cache: 'no-store' }

/** The fields that this runtime takes: a workerd of an older compatibility date throws on those that it does not know. */
export function privacyFields(): Pick<RequestInit, 'credentials' | 'referrerPolicy' | 'cache'> {
  const taken = Object.entries(FIELDS).filter(([name, value]) => {
    try {
      new Request('https://example.com', { [name]: value })
      return true
    } catch {
      return false
    }
  })
  return Object.fromEntries(taken)
}
