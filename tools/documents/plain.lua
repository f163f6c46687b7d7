-- For pandoc's plain text as a peer: what its writer adds that no reader of the document sees is taken away.
-- Marks of emphasis stand inside of words ("_ita_li_c_") and part them.
local function bare(element)
  return element.content
end

-- Word itself puts the name of the file there, with its folders or its address.
local function is_place(text)
  local ending = text:lower():match('%.(%a+)$')
  local pictures = ' png jpg jpeg gif svg bmp tif tiff webp emf wmf pic pict ico pdf eps '
  return text:find('^%a+://') or text:find('^%a:[\\/]') or text:find('^data:') or (ending and pictures:find(' ' .. ending .. ' ', 1, true))
end

local apart = {
  msub = true, msup = true, msubsup = true, mfrac = true, munder = true, mover = true, munderover = true, mroot = true, mtr = true,
  mtable = true
}

-- The signs of an equation instead of its LaTeX ("\frac", "\mathbf"): those in a row as one word, as a person would type them.
local function signs(math)
  local html = pandoc.write(pandoc.Pandoc { pandoc.Plain { math } }, 'html', { html_math_method = 'mathml' })
  html = html:gsub('<annotation.-</annotation>', '')
  local out, open = {}, {}
  for before, tag in (html .. '<'):gmatch('([^<]*)<([^>]*)>?') do
    local own = open[#open]
    if (own == 'mi' or own == 'mo') and utf8.len(before) and utf8.len(before) > 1 then before = ' ' .. before .. ' ' end
    out[#out + 1] = before
    local closing, name = tag:match('^(/?)([%w]+)')
    if closing == '/' then
      table.remove(open)
      if apart[open[#open]] then out[#out + 1] = ' ' end
    elseif name and not tag:find('/$') then
      if apart[open[#open]] then out[#out + 1] = ' ' end
      open[#open + 1] = name
    end
  end
  local text = table.concat(out):gsub('&lt;', '<'):gsub('&gt;', '>'):gsub('&amp;', '&')
  return pandoc.Str(text)
end

return {
  {
    Emph = bare, Strong = bare, Underline = bare, Strikeout = bare, SmallCaps = bare,
    Math = signs,
    -- pandoc counts lists itself ("1." for "(a)" and "Section 2.") and does not know of lists that go on; the handed cases
    -- judge the numbers.
    OrderedList = function(list)
      return pandoc.BulletList(list.content)
    end,
    Image = function(image)
      if is_place(pandoc.utils.stringify(image.caption)) then return {} end
    end
  }
}
