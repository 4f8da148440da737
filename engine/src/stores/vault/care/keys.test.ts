import { describe, expect, test } from 'vitest'
import { MemoryDestination } from '../../../destinations/memory.ts'
import { createRepository, type NewPassword, openRepository } from '../repository/open-repository.ts'
import { VaultFiles } from '../repository/vault-files.ts'
import { addKey, changeKey, listKeys, removeKey } from './keys.ts'

const maker = { hostname: 'till', username: 'anna' }
const random = (password: string): NewPassword => ({ password, kind: 'random', maker })

async function vault() {
  const destination = new MemoryDestination()
  const files = new VaultFiles(destination, 'main/Vault')
  return { destination, files, repository: await createRepository(files, random('first'), 0) }
}

describe('the keys of a vault', () => {
  test('are listed with their makers and the one in use, and a damaged one as such', async () => {
    const { destination, files, repository } = await vault()
    const second = await addKey(repository, random('second'), 1000)
    const key = { kind: 'key', hostname: 'till', username: 'anna' }
    expect(new Set(await listKeys(repository))).toEqual(
      new Set([
        { ...key, name: repository.keyName, created: '1970-01-01T00:00:00Z', isInUse: true },
        { ...key, name: second, created: '1970-01-01T00:00:01Z', isInUse: false },
      ]),
    )
    destination.objects.set(files.keyOf('keys', second), Buffer.from('{}'))
    expect((await listKeys(repository)).find(({ name }) => name === second)).toEqual({ kind: 'damaged', name: second })
  })

  test('open the vault each, until they are removed', async () => {
    const { files, repository } = await vault()
    const second = await addKey(repository, random('second'), 0)
    expect((await openRepository(files, ['second'])).key).toEqual(repository.key)
    await removeKey(repository, second)
    await expect(openRepository(files, ['second'])).rejects.toMatchObject({ code: 'key.wrong' })
    expect((await openRepository(files, ['first'])).keyName).toBe(repository.keyName)
  })

  test('are not removed when in use, and so never all of them', async () => {
    const { files, repository } = await vault()
    await expect(removeKey(repository, repository.keyName)).rejects.toMatchObject({ code: 'usage.invalid' })
    await expect(removeKey(repository, 'f'.repeat(64))).rejects.toMatchObject({ code: 'usage.invalid' })
    const second = await addKey(repository, random('second'), 0)
    await files.remove('keys', repository.keyName) // as somebody else may have done
    await expect(removeKey(repository, second)).rejects.toMatchObject({ code: 'usage.invalid' })
    expect((await openRepository(files, ['second'])).keyName).toBe(second)
  })

  test('are changed: the new one opens before the old one goes', async () => {
    const { files, repository } = await vault()
    const changed = await changeKey(repository, random('new'), 0)
    expect((await openRepository(files, ['new'])).keyName).toBe(changed)
    await expect(openRepository(files, ['first'])).rejects.toMatchObject({ code: 'key.wrong' })
    expect((await listKeys(await openRepository(files, ['new']))).length).toBe(1)
  })

  test('do not change when the disk does not keep the new one', async () => {
    const { destination, files, repository } = await vault()
    const write = destination.write.bind(destination)
    destination.write = async (key, content) => {
      await write(key, content)
      destination.objects.set(key, Buffer.from('rot'))
    }
    await expect(changeKey(repository, random('new'), 0)).rejects.toMatchObject({ code: 'destination.failed' })
    expect((await openRepository(files, ['first'])).keyName).toBe(repository.keyName)
    expect((await listKeys(repository)).length).toBe(1)
  })
})
