/** Settings as the host keeps them. */
import { create } from 'zustand'
import { defaultSettings, type Settings } from '../../contract/settings'

export const useSettings = create<Settings>(() => defaultSettings)
