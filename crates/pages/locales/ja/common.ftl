# すべてのページで使う言葉。
skip = 本文へ移動
foot = Tollgate による安全なサインイン
continue = 次へ
cancel = キャンセル
allow = 許可する
save = 変更を保存
remove = 削除
or = または
not-you = 別の方ですか？
back-to-sign-in = サインインに戻る
title-problem = エラー:
problems-title = 次の点をご確認ください
added-on = { $date }に追加
last-used = 最終使用:
never-used = 未使用

field-email = メールアドレス
field-password = パスワード
field-present-password = 現在のパスワード
field-new-password = 新しいパスワード
field-name = 名前
field-label = 表示名
field-language = 言語
field-language-browser = ブラウザーの設定に従う
field-country = 国または地域
field-country-none = 回答しない
password-show = 表示
password-hide = 隠す
save-password = パスワードを保存

rule-length = { $count ->
   *[other] { $count } 文字以上（長いほど安全です）
  }
rule-common = よく使われるパスワードは使えません
rule-personal = 名前やメールアドレスは含めないでください
strength-very-weak = とても推測されやすい
strength-weak = 推測されやすい
strength-fair = もう少し複雑にしましょう
strength-good = 推測されにくい
strength-strong = とても推測されにくい

moment-now = たった今
moment-minutes = { $count ->
   *[other] { $count } 分前
  }
moment-hours = { $count ->
   *[other] { $count } 時間前
  }
moment-days = { $count ->
    [1] 昨日
   *[other] { $count } 日前
  }
moment-month = { $month ->
    [m1] 1
    [m2] 2
    [m3] 3
    [m4] 4
    [m5] 5
    [m6] 6
    [m7] 7
    [m8] 8
    [m9] 9
    [m10] 10
    [m11] 11
   *[m12] 12
  }
moment-date = { $year }年{ $month }月{ $day }日
moment-date-time = { $date } { $time } UTC

device-both = { $browser }（{ $system }）
device-unknown = 不明なデバイス
