#!/bin/sh
# Makes the recordings that are shipped. Needs espeak-ng and ffmpeg. Run it in this folder.
set -eu

text='骑乘电动车请佩戴安全头盔!'
espeak-ng -v cmn-latn-pinyin -s 150 -p 45 --stdout "$text" |
    ffmpeg -loglevel error -y -i - -af 'volume=-2dB' -ac 1 -ar 22050 -b:a 48k \
        -metadata title="$text" -metadata artist='dalaba' -map_metadata -1 -fflags +bitexact -flags +bitexact \
        helmet.mp3
